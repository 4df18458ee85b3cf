/** Where buttons stand, and who would click them. */
export type Place =
  | { readonly as: string; readonly channel: string; readonly ts: string }
  | { readonly as: string; readonly view: string };
