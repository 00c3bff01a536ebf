import { limits } from '#hub/base/limits.ts'
import { createLog } from '#hub/base/log.ts'
import { codes } from '#hub/model/codes/index.ts'
import { acknowledgeFile } from '#hub/tools.ts'
import { readConfigurationFiles } from './configuration-files.ts'
import { codeLines, findingLines } from './finding-text.ts'
import { readInput } from './input.ts'
import { onePositional, textOption, UsageError, type Call, type Verb } from './verb.ts'

type Answers = Awaited<ReturnType<typeof acknowledgeFile>>
type Answer = Answers['answers'][number]

export const acknowledge: Verb = {
  name: 'acknowledge',
  summary: 'shows the acknowledgement that the hub would answer a file with',
  usage: `crossdock acknowledge FILE|- [--version 2:2|D:3|4:1]
  crossdock acknowledge FILE|- --config PATH [--from PARTNER[/CHANNEL]]`,
  help: `Prints the CONTRL for each interchange of the file, whether its sender asked for one or not; why something is rejected goes to standard
error. Without --config the file is judged by itself: its syntax, its directory, and the library's mapping for its type, if there is one; with
it, as a hub to which these files were applied would. Whether a reference was used before is not asked; numbers begin at 1, times are now.
Exit code 0 all accepted, 1 something is rejected, 2 could not do it.`,
  options: {
    config: { type: 'string' },
    from: { type: 'string' },
    version: { type: 'string' },
  },
  run: async (call) => {
    const bytes = await readInput(onePositional(call, 'FILE, or - for standard input'), limits.fileBytes)
    const answers = await acknowledgeFile(bytes, await wayOf(call), createLog('fatal'))
    if (call.json) call.out(JSON.stringify(jsonOf(answers), null, 2))
    else print(answers, call)
    const isGood = ({ state }: Answer) => state === 'accepted'
    return answers.answers.length > 0 && answers.strays.length === 0 && answers.answers.every(isGood) ? 0 : 1
  },
}

async function wayOf(call: Call): Promise<Parameters<typeof acknowledgeFile>[1]> {
  const [config, version] = [textOption(call, 'config'), textOption(call, 'version')]
  if (config !== undefined) {
    if (version !== undefined)
      throw new UsageError('with --config the profile says which version is answered')
    return { files: await readConfigurationFiles(config), from: textOption(call, 'from') ?? null }
  }
  if (version !== undefined && !/^[0-9A-Z]{1,3}:[0-9A-Z]{1,3}$/.test(version))
    throw new UsageError('--version is version and release, such as 2:2, D:3 or 4:1')
  return { version: version ?? null }
}

function print({ answers, strays }: Answers, call: Call): void {
  if (answers.length === 0) call.error('No interchange was found, so there is nothing to answer.')
  for (const answer of answers) {
    for (const line of remarks(answer)) call.error(line)
    const { bytes } = answer
    if (bytes !== null) process.stdout.write(bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, newLine]))
  }
  for (const { known } of strays) for (const line of known.findings.flatMap(findingLines)) call.error(line)
}

const newLine = Buffer.from('\n')

function remarks({ interchange, reference, state, code, bytes, documents }: Answer): string[] {
  const name = `Interchange ${interchange} (${reference || 'without a reference'})`
  const lines = [`${name}: ${state}.`, ...(code === null ? [] : codeLines(code))]
  if (bytes === null) lines.push(`${name}: its format has no answer, or none may be given.`)
  for (const { position, known, verdict } of documents) {
    if (verdict.kind !== 'rejected') continue
    lines.push(`Message ${position} (${known.wireType || known.type}) is rejected at ${verdict.step}.`)
    lines.push(...known.findings.flatMap(findingLines))
  }
  return lines
}

function jsonOf({ answers, strays }: Answers) {
  return {
    interchanges: answers.map(({ interchange, reference, state, code, bytes, documents }) => ({
      interchange,
      reference,
      state,
      code: code === null ? null : codes[code].code,
      answer: bytes === null ? null : bytes.toString('latin1'),
      documents: documents.map(documentOf),
    })),
    strays: strays.map(documentOf),
  }
}

function documentOf({ position, known, verdict }: Answer['documents'][number]) {
  return {
    position,
    type: known.type,
    number: known.number,
    rejected: verdict.kind === 'rejected' ? codes[verdict.code].code : null,
    findings: known.findings.map((finding) => ({ ...finding, stableCode: codes[finding.code].code })),
  }
}
