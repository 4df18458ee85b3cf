import type { ServerResponse } from 'node:http';
import { xmlElements } from '../aws/xml.ts';

/** An error answer of S3: code, status, and more elements of the XML. */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  readonly elements: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    message: string,
    more: { elements?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.elements = more.elements ?? {};
    this.headers = more.headers ?? {};
  }
}

/** Answers an error as S3 does: XML, or no body at all to a HEAD. */
export function sendError(error: S3Error, method: string, res: ServerResponse): void {
  const elements = {
    Code: error.code,
    Message: error.message,
    ...error.elements,
    RequestId: 'FAKE',
    HostId: 'fake',
  };
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xmlElements(elements)}</Error>`;
  const bodiless = method === 'HEAD' || error.status === 304;
  res.writeHead(error.status, {
    ...(bodiless ? {} : { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) }),
    'x-amz-request-id': 'FAKE',
    ...error.headers,
  });
  res.end(bodiless ? undefined : body);
}
