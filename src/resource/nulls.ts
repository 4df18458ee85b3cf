export { withoutNulls } from '../kit/nulls.ts';
