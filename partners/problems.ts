import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'

/** One thing wrong with a configuration file: where, which field, and what it may hold. */
export interface Problem {
  file: string
  /** From 1; null where it is about the file itself. */
  line: number | null
  column: number | null
  /** E.g. `partner.identities[0].value`. */
  field: string
  message: string
}

/** A configuration that was refused as a whole, with everything found wrong in it. */
export class ConfigurationError extends HubError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const shown = problems.slice(0, limits.configurationProblemsShown).map(problemLine)
    if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`)
    super('configInvalid', shown.join('\n'), { detail: { problems: problems.length } })
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

/** `retailer.yaml:12:9 partner.identities[0].value: the check digit …` */
export function problemLine(problem: Problem): string {
  const place = problem.line === null ? '' : `:${problem.line}:${problem.column ?? 1}`
  return `${problem.file}${place} ${problem.field === '' ? '' : `${problem.field}: `}${problem.message}`
}
