export type { Incoming, Outgoing, Route } from '../kit/incoming.ts';
