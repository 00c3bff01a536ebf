/**
 * Tests with two forms: the short one runs in `npm test` and asserts outcomes and bounded memory; the long one runs in
 * `npm run full`, takes as long as it needs and keeps its figures in docs/full.md.
 */
export const isLong = process.env['CROSSDOCK_FULL'] === '1'

/** One of two values, by the form. */
export function byForm<Value>(short: Value, long: Value): Value {
  return isLong ? long : short
}
