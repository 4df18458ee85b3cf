import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import aws4 from 'aws4';
import { defaultKeys } from './sessions.ts';

export interface Outgoing {
  readonly method?: string;
  /** Sent byte for byte, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request without touching its path; a connection that breaks rejects. */
export function send(origin: string, { method = 'GET', path, headers, body }: Outgoing): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const req = request({ hostname, port, path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.on('error', reject).end(body);
  });
}

interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignOptions {
  readonly service?: string;
  readonly region?: string;
  readonly presign?: boolean;
  readonly host?: string;
  readonly keys?: SigningKeys;
}

/** Signs a request with aws4, which shares no line with our own code. */
export function signed(origin: string, outgoing: Outgoing, options: SignOptions = {}): Outgoing {
  const { method = 'GET', path, headers = {}, body } = outgoing;
  const host = options.host ?? new URL(origin).host;
  const result = aws4.sign(
    {
      service: options.service ?? 's3',
      region: options.region ?? 'eu-west-1',
      host,
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(options.presign === true ? { signQuery: true } : {}),
    },
    options.keys ?? defaultKeys,
  );
  return { ...outgoing, method, path: result.path, headers: result.headers };
}

/** Percent-encodes a key for a path, slashes kept: every byte but `A-Za-z0-9-._~`. */
export function encodeKey(key: string): string {
  const encode = (part: string) =>
    encodeURIComponent(part).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return key.split('/').map(encode).join('/');
}

/** Keys that careless signers and proxies get wrong (P5, P6, P7). */
export const hostileKeys: readonly string[] = [
  'plain.txt',
  'a//b.txt',
  'dir/',
  '/leading',
  '../up.txt',
  './dot/../x',
  'sp ace.txt',
  "+()'!*@=;,&$:.txt",
  'a%2Fb literal.txt',
  '100%.txt',
  'question?mark#hash.txt',
  'é-NFC.txt',
  'e\u0301-NFD.txt',
  '日本/語.txt',
  '~tilde-_.txt',
  'back\\slash"quote<>[]{}|^`.txt',
];
