import { parseArgs, type ParseArgsConfig } from 'node:util'

/** One verb of the command: one file in this folder, one line in run.ts. */
export interface Verb {
  name: string
  /** One line, for the list of verbs. */
  summary: string
  /** How to call it, e.g. `crossdock send FILE --from PARTNER`. */
  usage: string
  /** More, for `--help`: what it prints, what the options mean. */
  help?: string
  options?: NonNullable<ParseArgsConfig['options']>
  /** Exit code: 0 good, 1 found wanting. What it cannot do it throws, which ends with 2. */
  run(call: Call): Promise<number>
}

export interface Call {
  positionals: string[]
  options: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  json: boolean
  env: NodeJS.ProcessEnv
  out(text: string): void
  error(text: string): void
}

/** A call that cannot be carried out as written: answered with the usage, exit code 2. */
export class UsageError extends Error {}

/** Reads the arguments of a verb; throws UsageError for what it does not know. */
export function readCall(verb: Verb, args: string[]): { positionals: string[]; options: Call['options'] } {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      strict: true,
      options: { ...verb.options, help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } },
    })
    return { positionals, options: values }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The text option of this name, or undefined. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name]
  return typeof value === 'string' ? value : undefined
}

/** The text option of this name; throws UsageError where it is missing. */
export function requiredOption(call: Call, name: string): string {
  const value = textOption(call, name)
  if (value === undefined) throw new UsageError(`--${name} is missing`)
  return value
}

/** The only positional argument; throws UsageError where there is none or more than one. */
export function onePositional(call: Call, what: string): string {
  if (call.positionals.length !== 1) throw new UsageError(`give one ${what}`)
  return call.positionals[0]!
}
