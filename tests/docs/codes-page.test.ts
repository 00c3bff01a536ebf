import { expect, test } from 'vitest'
import { codes } from '#hub/model/codes/index.ts'
import { codesPage } from './codes-page.ts'

test('docs/codes.md shows the codes as the registry has them', async () => {
  const page = codesPage()
  for (const { code } of Object.values(codes)) expect(page).toContain(`### ${code}\n`)
  await expect(page).toMatchFileSnapshot('../../docs/codes.md')
})
