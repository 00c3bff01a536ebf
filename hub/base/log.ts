import { pino } from 'pino'

/**
 * JSON lines, one event per state change, with the fields `transmissionId documentId partnerId step code durationMs`.
 * Never payloads, never secrets. An error is logged once, where it is handled.
 */
export type Log = pino.Logger

/** A log that writes JSON lines to standard error; `level` as pino's (`silent` for none). */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
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
    pino.destination({ fd: 2, sync: true }),
  )
}
