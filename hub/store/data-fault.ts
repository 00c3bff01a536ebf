/** Classes of SQLSTATE that the values of a row bring about: data exception, constraint violation, limits, types. */
const dataClasses = new Set(['22', '23', '42', '54'])

/**
 * Whether an error of a transaction lies in what was to be recorded, so that trying the same again cannot help. Anything
 * that may be an outage (connection, deadlock, disk, shutdown, a signal) is not, and is tried again.
 */
export function isDataFault(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return true
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && dataClasses.has(code.slice(0, 2))
}
