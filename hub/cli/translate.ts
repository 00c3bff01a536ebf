import { limits } from '#hub/base/limits.ts'
import { createLog } from '#hub/base/log.ts'
import { namesThere } from '#hub/base/nearest.ts'
import { codes } from '#hub/model/codes/index.ts'
import { detectFormat } from '#hub/formats/index.ts'
import { mappings, serialiseCanonical, translateFile, type TranslatedDocument } from '#hub/tools.ts'
import { readConfigurationFiles } from './configuration-files.ts'
import { codeLines, findingLines } from './finding-text.ts'
import { readInput } from './input.ts'
import { onePositional, textOption, UsageError, type Call, type Verb } from './verb.ts'

export const translate: Verb = {
  name: 'translate',
  summary: 'shows what the pipeline would make of a file, without a database and without sending',
  usage: `crossdock translate FILE|- --to MAPPING [--from MAPPING]
  crossdock translate FILE|- --config PATH [--from PARTNER[/CHANNEL]] [--to PARTNER]
  crossdock translate FILE|- --canonical`,
  help: `Takes the file through the hub's own steps: split, resolve, check, canonicalise, judge, map, write. What comes out goes to standard
output, findings with code, position and what to do to standard error.
--to and --from name mappings of the library, e.g. --from order/edifact-d96a --to order/ubl-2.1; without --from, the one for the file's
format and type is taken. With --config, the partners and agreements of YAML files say what becomes of it, as in a hub to which they
were applied; --from then says whose file it is where the file does not, and --to picks one receiver.
--canonical prints the canonical document. Control numbers begin at 1; times are now.
Exit code 0 all translated, 1 something is wrong with a document, 2 could not do it.`,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    config: { type: 'string' },
    canonical: { type: 'boolean' },
  },
  run: async (call) => {
    const bytes = await readInput(onePositional(call, 'FILE, or - for standard input'), limits.fileBytes)
    const documents = await translateFile(bytes, await wayOf(call, bytes), createLog('fatal'))
    if (call.json) call.out(JSON.stringify({ documents: documents.map(jsonOf) }, null, 2))
    else print(documents, call)
    return documents.length > 0 && documents.every(isGood) ? 0 : 1
  },
}

async function wayOf(call: Call, bytes: Buffer): Promise<Parameters<typeof translateFile>[1]> {
  const [from, to, config] = [textOption(call, 'from'), textOption(call, 'to'), textOption(call, 'config')]
  if (config !== undefined)
    return { files: await readConfigurationFiles(config), from: from ?? null, to: to ?? null }
  const canonical = call.options['canonical'] === true || to === 'canonical'
  if (to === undefined && !canonical)
    throw new UsageError(
      `say what it becomes: --to with one of ${mappings.names().join(', ')}, --config PATH, or --canonical`,
    )
  for (const name of [from, canonical ? undefined : to])
    if (name !== undefined && !mappings.has(name))
      throw new UsageError(`there is no mapping \`${name}\`${namesThere(name, mappings.names())}`)
  const format = detectFormat(bytes.subarray(0, 4096))
  if (from !== undefined && format !== null && mappings.formatOf(from) !== format)
    throw new UsageError(`${from} reads ${mappings.formatOf(from)}, and the file is ${format}`)
  // the canonical document is what every mapping is made from
  return { from: from ?? null, to: canonical ? (from ?? mappings.names()[0]!) : to! }
}

/** An acknowledgement is not translated, but matched: nothing is wrong with it. */
function isGood({ verdict, outputs }: TranslatedDocument): boolean {
  return (verdict.kind === 'mapped' && outputs.length > 0) || verdict.kind === 'answer'
}

function print(documents: TranslatedDocument[], call: Call): void {
  const outputs = documents.flatMap((document) => document.outputs)
  for (const document of documents) for (const line of remarks(document)) call.error(line)
  if (call.options['canonical'] === true || call.options['to'] === 'canonical') {
    for (const { known } of documents)
      if (known.canonical !== null)
        call.out(JSON.stringify(JSON.parse(String(serialiseCanonical(known.canonical))), null, 2))
    return
  }
  for (const { bytes, agreement, wireId, format } of outputs) {
    if (outputs.length > 1) call.error(`${agreement.key}: ${format}, ${wireId}`)
    process.stdout.write(bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]))
  }
}

function remarks(document: TranslatedDocument): string[] {
  const { verdict, known } = document
  const findings = known.findings.flatMap(findingLines)
  const name = `${known.type}${known.number === null ? '' : ` ${known.number}`}`
  switch (verdict.kind) {
    case 'mapped':
      return document.outputs.length > 0
        ? findings
        : [`${name} does not go to the partner that --to names.`, ...findings]
    case 'answer':
      return [`${name} is an acknowledgement: the hub matches it with what it answers.`, ...findings]
    case 'held':
      return [`${name} would be held by the rule ${verdict.rule}.`, ...codeLines(verdict.code), ...findings]
    case 'rejected': {
      // a finding of the same code says the same with its place
      const said = known.findings.some(({ code, severity }) => code === verdict.code && severity === 'error')
      const why = said ? [] : codeLines(verdict.code)
      return [`${name} would be rejected at ${verdict.step}.`, ...why, ...findings]
    }
    case 'duplicate':
      return [`${name} would count as a repeat.`]
  }
}

function jsonOf(document: TranslatedDocument) {
  const { known, verdict, outputs, interchange, position } = document
  return {
    interchange,
    position,
    type: known.type,
    number: known.number,
    verdict: verdict.kind,
    ...('code' in verdict ? { code: codes[verdict.code].code, step: verdict.step } : {}),
    findings: known.findings.map((finding) => ({
      ...finding,
      stableCode: codes[finding.code].code,
      fix: codes[finding.code].en.fix,
    })),
    canonical:
      known.canonical === null ? null : (JSON.parse(String(serialiseCanonical(known.canonical))) as unknown),
    outputs: outputs.map(({ agreement, format, wireId, bytes }) => ({
      agreement: agreement.key,
      mapping: agreement.receiver.terms.mapping,
      format,
      name: wireId,
      ...textOf(bytes),
    })),
  }
}

/** As text where it is UTF-8, else in base64: EDIFACT may be written in another charset. */
function textOf(bytes: Buffer): { text: string } | { base64: string } {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') }
}
