import { Secret } from './secret.ts';

/** A secret that may change while the process runs: `reveal()` gives the value of this moment, so it is never kept. */
export class LiveSecret extends Secret {
  readonly #read: () => string;
  readonly #renew: () => Promise<boolean>;

  constructor(read: () => string, renew: () => Promise<boolean> = () => Promise.resolve(false)) {
    super('');
    this.#read = read;
    this.#renew = renew;
  }

  override reveal(): string {
    return this.#read();
  }

  /** Asks where it came from, after it was refused: true when the value is another one now. At most once a minute. */
  renew(): Promise<boolean> {
    return this.#renew();
  }
}
