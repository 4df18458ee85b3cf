// aws4 publishes no types.
declare module 'aws4' {
  export interface Request {
    readonly service: string;
    readonly region: string;
    readonly host: string;
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Signs in the query instead of the headers. */
    readonly signQuery?: boolean;
  }

  export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }

  export interface Signed {
    readonly method?: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  export function sign(request: Request, credentials: Credentials): Signed;
}
