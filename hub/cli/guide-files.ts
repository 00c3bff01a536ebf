import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { readPlace } from '#hub/formats/edifact/guide.ts'
import type { Guide } from '#hub/model/guide.ts'

const textField = z.string({ error: 'expected a text; put a number in quotes' }).min(1).max(70)
const lengthField = z.int().min(1).max(99_999)

const ruleSchema = z.strictObject({
  at: z
    .string()
    .refine(
      (at) => readPlace(at) !== null,
      'expected a place such as `BGM`, `SG2/NAD+BY` or `SG2/NAD+BY/2/1`',
    ),
  use: z.enum(['mandatory', 'forbidden']).optional(),
  max: z.int().min(1).max(999_999_999).optional(),
  values: z.array(textField).min(1).max(10_000).optional(),
  lengthMin: lengthField.optional(),
  lengthMax: lengthField.optional(),
})

const guideSchema = z.strictObject({
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected small letters, digits and hyphens'),
  directory: z.string().regex(/^D\.\d\d[A-Z]$/, 'expected a directory such as `D.96A`'),
  message: z.string().regex(/^[A-Z]{6}$/, 'expected a message type such as `ORDERS`'),
  association: textField.optional(),
  rules: z.array(ruleSchema).min(1).max(5_000),
})

/** The guides of these files: YAML documents `guide:`. Throws Error with file and field where one is wrong. */
export async function guidesOf(paths: unknown): Promise<Guide[]> {
  const guides: Guide[] = []
  for (const path of Array.isArray(paths) ? (paths as string[]) : []) {
    for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
      if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]!.message}`)
      const { data, error } = z
        .strictObject({ guide: guideSchema })
        .safeParse(document.toJS({ maxAliasCount: 0 }))
      if (error !== undefined) {
        const [issue] = error.issues
        throw new Error(`${path}: ${issue!.path.join('.')}: ${issue!.message}`)
      }
      guides.push(withoutUndefined(data.guide))
    }
  }
  return guides
}

function withoutUndefined(guide: z.infer<typeof guideSchema>): Guide {
  return JSON.parse(JSON.stringify(guide)) as Guide
}
