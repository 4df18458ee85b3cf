declare module 'dynalite' {
  import type { Server } from 'node:http';

  function dynalite(options?: {
    readonly createTableMs?: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
  }): Server;

  // oxlint-disable-next-line import/no-default-export -- the package's own form
  export default dynalite;
}
