import { pino } from 'pino'
import { limits } from './limits.ts'

/**
 * JSON lines, one event per state change, with the fields `transmissionId documentId partnerId step code durationMs`.
 * Never payloads, never secrets. An error is logged once, where it is handled.
 */
export type Log = pino.Logger

/**
 * A log that writes JSON lines to standard error; `level` as pino's (`silent` for none). Nothing waits for it: where its disk
 * is full or nobody reads it, lines are kept up to a limit, tried again with the next one, and beyond that dropped.
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFacts },
      redact: {
        paths: [
          'password',
          '*.password',
          'token',
          '*.token',
          'authorization',
          '*.authorization',
          'cookie',
          '*.cookie',
        ],
        censor: '[redacted]',
      },
    },
    standardError(),
  )
}

function standardError(): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: limits.logWaitingBytes })
  destination.on('error', () => {})
  return destination
}

/** What is told of an error. A driver hangs its whole connection and statements onto its errors: none of that is logged. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { type, message, stack } = pino.stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type, message, ...code, stack }
}
