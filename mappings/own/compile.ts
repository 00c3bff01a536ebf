import type { XmlElement } from '#hub/formats/xml/index.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import type { ReadFormat } from '#hub/model/format.ts'
import type { CanonicalType, Place } from '#hub/model/mapping.ts'
import type { CodeLists } from '#mappings/codes/lookup.ts'
import { canonicalSchemaOf } from '#hub/canonical/index.ts'
import { compileRules, type CompiledRule } from '#mappings/rules/compile.ts'
import { edifactSource } from '#mappings/rules/edifact-source.ts'
import { edifactTarget } from '#mappings/rules/edifact-target.ts'
import type { Forms } from '#mappings/rules/forms.ts'
import { expandPairs } from '#mappings/rules/pairs.ts'
import { PlaceError } from '#mappings/rules/place.ts'
import { plainSource, plainTarget } from '#mappings/rules/plain.ts'
import type { Source, Target } from '#mappings/rules/ports.ts'
import { xmlSource, xmlTarget } from '#mappings/rules/xml.ts'
import { faultOfTemplate } from '#mappings/sandbox/allow-list.ts'
import type { Sandbox } from '#mappings/sandbox/index.ts'
import type { SandboxProgram } from '#mappings/sandbox/program.ts'
import { usualMessage, type MappingFacts, type WrittenRule } from './document.ts'
import { fromCanonicalBy, toCanonicalBy, type Conversion } from './convert.ts'
import { placesOf } from './places.ts'

/** What a mapping extends: one of the library, or another of one's own. */
export interface Base extends Conversion {
  format: ReadFormat
  placeOf(path: string): Place | null
}

export interface CompileDeps {
  sandbox: Sandbox
  base: Base | null
  lists: CodeLists
}

/** Rules as one function, with the expressions that they need. */
export interface RuleSet {
  apply: CompiledRule
  expressions: SandboxProgram | null
}

/** A mapping of one's own, ready to be used. */
export interface OwnMapping extends Base {
  direction: 'toCanonical' | 'fromCanonical'
}

/** A mapping with all its parts compiled: what `convert.ts` carries out. */
export interface Compiled {
  type: CanonicalType
  format: ReadFormat
  message: { type: string; version: string; guide: string | undefined; overrides: boolean }
  xmlRoot: (() => XmlElement) | null
  canonical: RuleSet | null
  output: RuleSet | null
  template: SandboxProgram | null
  deps: CompileDeps
}

export interface CompileProblem {
  path: readonly PropertyKey[]
  message: string
}

/**
 * Compiles a mapping. What is wrong with its rules or template is in `problems`, each with its place in the document; then
 * there is no mapping.
 */
export function compileMapping(
  facts: MappingFacts,
  deps: CompileDeps,
): {
  mapping: OwnMapping | null
  problems: CompileProblem[]
  programs: { path: PropertyKey[]; program: SandboxProgram }[]
} {
  const problems: CompileProblem[] = []
  const problem = (path: readonly PropertyKey[], message: string) => void problems.push({ path, message })
  const type = facts.key.split('/')[0] as CanonicalType
  const format = deps.base?.format ?? facts.format!
  if (facts.format !== undefined && facts.format !== format)
    problem(['format'], `expected \`${format}\`, the format of \`${facts.extends}\``)
  const usual = usualMessage(format, type)
  const compiled: Compiled = {
    type,
    format,
    message: {
      type: facts.message?.type ?? usual.type,
      version: facts.message?.version ?? usual.version,
      guide: facts.message?.guide,
      overrides: facts.message !== undefined,
    },
    xmlRoot: xmlRootOf(facts, problem),
    canonical: ruleSet(facts, 'canonical', { type, format, deps, problem }),
    output: ruleSet(facts, 'output', { type, format, deps, problem }),
    template: templateOf(facts, deps, problem),
    deps,
  }
  const programs: { path: PropertyKey[]; program: SandboxProgram }[] = []
  if (compiled.template !== null) programs.push({ path: ['template'], program: compiled.template })
  for (const field of ['canonical', 'output'] as const) {
    const program = compiled[field]?.expressions
    if (program) programs.push({ path: [field], program })
  }
  if (problems.length > 0) return { mapping: null, problems, programs }
  const mapping: OwnMapping = {
    format,
    direction: facts.direction,
    placeOf: placesOf(facts, deps.base),
    toCanonical: toCanonicalBy(compiled, facts.direction),
    fromCanonical: fromCanonicalBy(compiled, facts.direction),
  }
  return { mapping, problems, programs }
}

/** Whether the sandbox takes templates and expressions: the problems of those that it does not. */
export async function checkPrograms(
  sandbox: Sandbox,
  programs: readonly { path: PropertyKey[]; program: SandboxProgram }[],
): Promise<CompileProblem[]> {
  const problems: CompileProblem[] = []
  for (const { path, program } of programs) {
    try {
      await sandbox.check(program)
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      problems.push({ path, message: messageOf(error) })
    }
  }
  return problems
}

interface RuleContext {
  type: CanonicalType
  format: ReadFormat
  deps: CompileDeps
  problem(path: readonly PropertyKey[], message: string): void
}

function ruleSet(facts: MappingFacts, field: 'canonical' | 'output', context: RuleContext): RuleSet | null {
  const rules: readonly WrittenRule[] | undefined = facts[field]
  if (rules === undefined || rules.length === 0) return null
  const schema = canonicalSchemaOf(context.type)
  const reads = facts.direction === 'toCanonical'
  const expressions: string[] = []
  const source = reads ? sourceOf(context.format) : plainSource(schema)
  const target = field === 'canonical' ? plainTarget(schema) : targetOf(context.format, facts)
  const forms: Forms = {
    source,
    target,
    whole: { source, target },
    around: [],
    canonical: reads ? plainSource(schema) : null,
    plain: !reads,
    lists: new Set(facts.codeLists ?? []),
    expressions,
    problem: context.problem,
  }
  const apply = compileRules(expanded(rules, facts, [field], context), forms, [field])
  return { apply, expressions: expressions.length === 0 ? null : { kind: 'expressions', expressions } }
}

/** Rules for both ways as rules for the one that the mapping goes. */
function expanded(
  rules: readonly WrittenRule[],
  facts: MappingFacts,
  path: PropertyKey[],
  { problem }: RuleContext,
): WrittenRule[] {
  return rules.flatMap((rule, index) => {
    try {
      return expandPairs([rule], facts.direction, facts.parts ?? {})
    } catch (error) {
      if (!(error instanceof PlaceError)) throw error
      problem([...path, index], error.message)
      return []
    }
  })
}

function sourceOf(format: ReadFormat): Source {
  switch (format) {
    case 'edifact':
      return edifactSource
    case 'xml':
      return xmlSource
    case 'json':
      return plainSource(null)
  }
}

/** The namespaces that UBL is written in stand for their usual prefixes. */
const ublNamespaces = {
  cac: 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  cbc: 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
}

function targetOf(format: ReadFormat, facts: MappingFacts): Target {
  switch (format) {
    case 'edifact':
      return edifactTarget
    case 'xml':
      return xmlTarget({ ...(facts.extends !== undefined && ublNamespaces), ...facts.xml?.namespaces })
    case 'json':
      return plainTarget(null)
  }
}

function templateOf(
  { template }: MappingFacts,
  { lists }: CompileDeps,
  problem: RuleContext['problem'],
): SandboxProgram | null {
  if (template === undefined) return null
  const fault = faultOfTemplate(template)
  if (fault !== null) problem(['template'], `line ${fault.line} of the template: ${fault.message}`)
  return { kind: 'template', template, lists }
}

function xmlRootOf(facts: MappingFacts, problem: RuleContext['problem']): (() => XmlElement) | null {
  const isNeeded = facts.format === 'xml' && facts.extends === undefined && facts.template === undefined
  if (!isNeeded || facts.direction === 'toCanonical') return null
  const namespaces: Readonly<Record<string, string>> = facts.xml?.namespaces ?? {}
  const root = facts.xml?.root ?? facts.message?.type
  if (root === undefined) {
    problem(['xml'], 'expected `xml.root`, the name of the outermost element')
    return null
  }
  const [prefix = '', name = root] = root.includes(':') ? root.split(':') : ['', root]
  if (prefix !== '' && !Object.hasOwn(namespaces, prefix)) {
    problem(['xml', 'root'], `the prefix \`${prefix}\` has no namespace under \`xml.namespaces\``)
    return null
  }
  const namespace = namespaces[prefix] ?? ''
  return () => ({ name, prefix, namespace, attributes: [], content: [], line: 0, column: 0 })
}
