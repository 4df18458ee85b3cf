import type { VarReference } from './var-reference.ts';
/** Looks a variable up; undefined means there is none of that name. */
export type VarLookup = (reference: VarReference) => {
    readonly value: unknown;
} | undefined;
/**
 * Replaces `((vars))` in every string and key of a document (atc creds, vars/template.go). A field that is one
 * variable takes its value with its type; inside a longer string only strings and numbers fit. Missing names are
 * reported together, or left in place with `keepMissing` (what fly does with names it was not given).
 */
export declare function interpolate(document: unknown, lookup: VarLookup, keepMissing?: boolean): unknown;
/** Follows `.field` into the value of a variable; a missing field or a non-map on the way is an error. */
export declare function traverse(value: unknown, reference: VarReference): unknown;
