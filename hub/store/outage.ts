import pg from 'pg'

/**
 * SQLSTATE classes that speak of the server and not of a statement: connection (08), a log-in that it refuses (28), a database
 * that is not there (3D), resources (53), stopped or starting (57P), system (58), a standby that takes no writes (25006);
 * and of others who were in the way: a lock not had in its time (55P03), a transaction that stood still for too long (25P03),
 * deadlocks and serialization failures (40).
 */
const serverStates = /^(08|28|3D|53|57P|58|25006|25P03|55P03|40)/

/**
 * Whether an error of a statement or a connection means that the database is away, so that nothing the caller changes
 * would help. Everything else is the fault of what was asked.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return serverStates.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  // a host with several addresses of which none answers
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway)
  if ('syscall' in error) return true
  // the driver gives lost connections and connection time-outs as plain errors without a code
  return error.constructor === Error && !('code' in error)
}
