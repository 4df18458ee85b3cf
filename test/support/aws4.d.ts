// aws4 publishes no types.
declare module 'aws4' {
  interface Aws4 {
    sign(request: Aws4Request, credentials: Aws4Credentials): Aws4Signed;
  }

  interface Aws4Request {
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

  interface Aws4Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }

  interface Aws4Signed {
    readonly method?: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  const aws4: Aws4;
  // oxlint-disable-next-line import/no-default-export -- a CommonJS module has no other
  export default aws4;
}
