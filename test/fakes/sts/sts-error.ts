import { xmlElements } from '../aws/xml.ts';

/** An error answer of STS. */
export class StsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }

  toXml(): string {
    const error = xmlElements({ Type: 'Sender', Code: this.code, Message: this.message });
    return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${error}</Error><RequestId>fake</RequestId></ErrorResponse>`;
  }
}
