import {
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Alias,
  type Document,
} from 'yaml'
import { z } from 'zod'
import { limits } from '#hub/base/limits.ts'
import { nearest } from '#hub/base/nearest.ts'
import { agreementSchema, type AgreementDocument } from './agreements/schema.ts'
import { channelSchema } from './channels/schema.ts'
import { contactSchema } from './contacts/schema.ts'
import { keyField, textField, timeZoneField } from './fields.ts'
import type { FurtherKind } from './further.ts'
import { unknownField, yamlProblem } from './hints.ts'
import { identitySchema } from './identities/schema.ts'
import { profileSchema } from './profiles/schema.ts'
import type { Problem } from './problems.ts'

export interface ConfigurationFile {
  /** As people know it: it stands in front of every problem, and secrets' files are found beside it. */
  path: string
  text: string
}

export const partnerSchema = z.strictObject({
  key: keyField,
  name: textField(200),
  ours: z.boolean().default(false),
  language: z.enum(['en', 'fr']).default('en'),
  timeZone: timeZoneField.default('Europe/Paris'),
  contacts: z.array(contactSchema).max(100).default([]),
  identities: z.array(identitySchema).max(5_000).default([]),
  channels: z.array(channelSchema).max(200).default([]),
  profiles: z.array(profileSchema).max(1_000).default([]),
})

export type PartnerDocument = z.output<typeof partnerSchema>

/** A document with the means to say where in its file something stands. */
export interface Placed<Value> {
  value: Value
  file: string
  problem(path: readonly PropertyKey[], message: string): Problem
}

export interface ConfigurationDocuments {
  partners: Placed<PartnerDocument>[]
  agreements: Placed<AgreementDocument>[]
  /** Of other kinds, by the word at their top. */
  further: Map<string, Placed<{ key: string }>[]>
}

/**
 * Reads YAML files, each of one or several documents, into partners and agreements. Everything found wrong is in
 * `problems`; nothing is applied while there is one.
 */
export function readDocuments(
  files: readonly ConfigurationFile[],
  kinds: readonly FurtherKind[] = [],
): {
  documents: ConfigurationDocuments
  problems: Problem[]
} {
  const documents: ConfigurationDocuments = { partners: [], agreements: [], further: new Map() }
  const schemas = new Map<string, z.ZodType>([
    ['partner', partnerSchema],
    ['agreement', agreementSchema],
    ...kinds.map(({ name, schema }) => [name, schema] as const),
  ])
  const problems: Problem[] = []
  if (files.length > limits.configurationFiles) {
    problems.push(atFile('', `more than ${limits.configurationFiles} files`))
    return { documents, problems }
  }
  for (const file of files) {
    if (Buffer.byteLength(file.text) > limits.configurationFileBytes) {
      problems.push(atFile(file.path, `larger than ${limits.configurationFileBytes} bytes`))
      continue
    }
    readFile(file, { documents, schemas, problems })
  }
  problems.push(...repeated(documents.partners, 'partner'), ...repeated(documents.agreements, 'agreement'))
  for (const [kind, others] of documents.further) problems.push(...repeated(others, kind))
  return { documents, problems }
}

interface Reading {
  documents: ConfigurationDocuments
  /** By the word at the top of a document. */
  schemas: ReadonlyMap<string, z.ZodType>
  problems: Problem[]
}

function readFile(file: ConfigurationFile, reading: Reading): void {
  const { problems } = reading
  const lines = new LineCounter()
  const parsed = parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false })
  for (const document of Array.isArray(parsed) ? parsed : []) {
    // one that is not YAML has as many errors as it has characters: the first is the one to mend
    const [error] = [...document.errors, ...document.warnings]
    if (error !== undefined) {
      const { line, col: column } = lines.linePos(error.pos[0])
      problems.push({ file: file.path, line, column, field: '', message: yamlProblem(error) })
      if (document.errors.length > 0) return
      continue
    }
    if (document.contents !== null) readDocument({ file: file.path, document, lines }, reading)
  }
}

interface Source {
  file: string
  document: Document
  lines: LineCounter
}

function readDocument(source: Source, { documents, schemas, problems }: Reading): void {
  const problem = (path: readonly PropertyKey[], message: string) => placed(source, path, message)
  const stray = strayAlias(source.document)
  if (stray !== null) {
    const { line, col: column } = source.lines.linePos(stray.range?.[0] ?? 0)
    const message = `\`*${stray.source}\` names nothing in this document; a value that begins with * or & stands in quotes`
    problems.push({ file: source.file, line, column, field: '', message })
    return
  }
  const content = plain(source.document)
  const names = content === null ? [] : Object.keys(content)
  const [kind] = names
  const schema = kind === undefined ? undefined : schemas.get(kind)
  if (content === null || names.length !== 1 || kind === undefined || schema === undefined) {
    const known = [...schemas.keys()]
    const meant = kind === undefined ? null : nearest(kind, known)
    const hint = meant === null || meant === kind ? '' : `; did you mean \`${meant}:\`?`
    const words = known.map((name) => `\`${name}:\``)
    const choice = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
    problems.push(problem([], `expected one document with ${choice} at its top${hint}`))
    return
  }
  const result = schema.safeParse(content[kind], { reportInput: false })
  if (!result.success) {
    const from = { ...source, schema }
    for (const issue of result.error.issues) problems.push(...problemsOf(from, kind, issue))
    return
  }
  const from = {
    file: source.file,
    problem: (path: readonly PropertyKey[], message: string) => problem([kind, ...path], message),
  }
  if (kind === 'partner') documents.partners.push({ value: result.data as PartnerDocument, ...from })
  else if (kind === 'agreement')
    documents.agreements.push({ value: result.data as AgreementDocument, ...from })
  else {
    const others = documents.further.get(kind) ?? []
    others.push({ value: result.data as { key: string }, ...from })
    documents.further.set(kind, others)
  }
}

/** An alias of nothing: mostly a value that begins with a star and lacks its quotes. */
function strayAlias(document: Document): Alias | null {
  const anchors = new Set<string>()
  let stray: Alias | null = null
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor)
    },
    Alias: (_, alias) => {
      if (anchors.has(alias.source)) return undefined
      stray = alias
      return visit.BREAK
    },
  })
  return stray
}

/** The document's content, or null where it is no mapping or its aliases multiply it beyond reason. */
function plain(document: Document): Record<string, unknown> | null {
  if (!isMap(document.contents)) return null
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>
  } catch {
    return null
  }
}

/** A field that is not known stands at its own name, with those that are. */
function problemsOf(
  source: Source & { schema: z.ZodType },
  kind: string,
  issue: z.core.$ZodIssue,
): Problem[] {
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue)
    if (meant !== null) return meant.flatMap((inner) => problemsOf(source, kind, inner))
  }
  const path = [kind, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      placed(source, [...path, key], unknownField(source.schema, issue.path, key)),
    )
  if (source.document.hasIn(path)) return [placed(source, path, issue.message)]
  const expected = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message
  return [placed(source, path, `is missing: ${expected}`)]
}

/** Of a choice of forms the one that was meant, if it is certain: what is wrong is within it, and each other form is another type altogether. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | null {
  const within = issue.errors.filter((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  )
  if (within.length !== 1 || within[0]!.length === 0) return null
  return within[0]!.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function placed(source: Source, path: readonly PropertyKey[], message: string): Problem {
  const { line, col } = source.lines.linePos(offsetOf(source.document, path))
  return { file: source.file, line, column: col, field: fieldName(path), message }
}

/** Where the named thing stands or, where it is missing, the nearest thing around it that does not. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const name = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name,
      )
      if (pair !== undefined && isScalar(pair.key) && pair.key.range) return pair.key.range[0]
      continue
    }
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return node.range[0] as number
  }
  return document.contents?.range?.[0] ?? 0
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

/** A draft of the next version, and one that is tried, may stand beside the live one. */
function repeated(documents: readonly Placed<{ key: string; state?: string }>[], kind: string): Problem[] {
  const first = new Map<string, string>()
  const problems: Problem[] = []
  for (const { value, file, problem } of documents) {
    const name = value.state === 'draft' || value.state === 'test' ? `${value.key} ${value.state}` : value.key
    const before = first.get(name)
    if (before === undefined) first.set(name, file)
    else problems.push(problem(['key'], `another ${kind} has this key, in ${before}`))
  }
  return problems
}

function atFile(file: string, message: string): Problem {
  return { file, line: null, column: null, field: '', message }
}
