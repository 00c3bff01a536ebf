import { receiveCodes } from './receive.ts'
import { openCodes } from './open.ts'
import { splitCodes } from './split.ts'
import { characterCodes } from './characters.ts'
import { checkCodes } from './check.ts'
import { directoryCodes } from './directory.ts'
import { contentCodes } from './content.ts'
import { judgeCodes } from './judge.ts'
import { mapCodes } from './map.ts'
import { mappingCodes } from './mapping.ts'
import { deliverCodes } from './deliver.ts'
import { acknowledgeCodes } from './acknowledge.ts'
import { portalCodes } from './portal.ts'
import { replayCodes } from './replay.ts'
import { envelopeCodes } from './envelope.ts'
import { lifeCodes } from './life.ts'
import { hubCodes } from './hub.ts'
import type { Code } from './code.ts'
export type { Code } from './code.ts'

/** The registry: every way something ends badly, by slug. One file for each place, after the first digit of the code. */
export const codes = {
  ...receiveCodes,
  ...openCodes,
  ...splitCodes,
  ...envelopeCodes,
  ...checkCodes,
  ...characterCodes,
  ...directoryCodes,
  ...contentCodes,
  ...judgeCodes,
  ...mapCodes,
  ...mappingCodes,
  ...deliverCodes,
  ...acknowledgeCodes,
  ...portalCodes,
  ...lifeCodes,
  ...replayCodes,
  ...hubCodes,
} as const

/** The slug of a row, e.g. `senderUnknown`. */
export type CodeName = keyof typeof codes

const bySlug: Readonly<Record<string, Code>> = codes

/** The row with this stable code, e.g. `CD-2004`, or undefined. */
export function codeRow(code: string): Code | undefined {
  return Object.values(bySlug).find((row) => row.code === code)
}

/** The stable code of a slug, e.g. `CD-2004`: what tables, APIs and pages hold. */
export function stableCode(name: CodeName): string {
  return codes[name].code
}
