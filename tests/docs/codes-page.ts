import { codeGroups } from '#portal/pages/codes/codes-model.ts'
import { wordsIn } from '#portal/words.ts'

/** docs/codes.md, in Markdown: the registry of codes as the portal shows it at /docs. */
export function codesPage(): string {
  const words = wordsIn('en', 'UTC')
  const groups = codeGroups(words).flatMap(({ title, codes }) => [
    `## ${title}`,
    ...codes.flatMap(({ code, what, fix, facts }) => [
      `### ${code}`,
      `**${what}** ${fix}`,
      facts.map(({ label, value }) => `${label}: ${value}`).join(' · '),
    ]),
  ])
  return [
    `# ${words.t('codes.title')}`,
    `${words.t('codes.lead')} A hub shows them at \`/docs\`, in English and French.`,
    'Made from `hub/model/codes`; a test compares. `npx vitest run tests/docs -u` writes it anew.',
    ...groups,
  ]
    .join('\n\n')
    .concat('\n')
}
