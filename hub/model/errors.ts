import { codes, type CodeName } from './codes/index.ts'
import type { Detail } from './outcomes.ts'

/**
 * The one error the hub throws on purpose. `code` names a row of the registry; `message` says in English what
 * happened and where; `detail` holds the facts the texts name; `cause` keeps what was caught.
 */
export class HubError extends Error {
  readonly code: CodeName
  readonly detail: Detail

  constructor(code: CodeName, message?: string, options: { detail?: Detail; cause?: unknown } = {}) {
    super(message ?? codes[code].en.what, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'HubError'
    this.code = code
    this.detail = options.detail ?? {}
  }
}

/** Asserts what only a programmer can break; throws a plain Error. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
