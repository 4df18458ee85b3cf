/** A named var source: its values, or a function asked anew at each evaluation (a rotating credential). */
export type VarSource = Readonly<Record<string, unknown>> | ((path: string) => unknown);
/** The credential managers behind `((vars))`. Read at each evaluation, so a test may change a value in between. */
export interface Credentials {
    readonly vars: Readonly<Record<string, unknown>>;
    readonly varSources: Readonly<Record<string, VarSource>>;
}
/** The variables of one build: credentials, local vars (`((.:name))`), and the secrets it has seen so far. */
export declare class BuildVars {
    #private;
    constructor(credentials: Credentials);
    /** Evaluates a document; every credential it used is redacted from this build's log from now on. */
    evaluate(document: unknown): unknown;
    /** Sets a local var, as `load_var` does (redacted unless `reveal`) and as `get` does (never redacted). */
    setLocal(name: string, value: unknown, redacted: boolean): void;
    secrets(): Iterable<string>;
}
