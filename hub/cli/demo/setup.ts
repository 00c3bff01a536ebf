import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { addPerson, addToken, applyFiles, type Tools } from '#hub/tools.ts'
import type { DemoPartners } from './partners.ts'

export type DemoPeople = { who: string; email: string; password: string }[]

/** Applies the configuration of config/ with the ports and passwords of this run; returns the retailer's API token. */
export async function configure(tools: Tools, partners: DemoPartners): Promise<string> {
  const folder = fileURLToPath(new URL('config/', import.meta.url))
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const files = await Promise.all(
    names.map(async (name) => ({
      path: name,
      text: fill(await readFile(`${folder}${name}`, 'utf8'), partners.values),
    })),
  )
  await applyFiles(tools, files, { actor: 'cli' })
  return addToken(tools, { partner: 'maison-verdier', channel: 'api', name: 'demo' })
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => values[name] ?? whole)
}

/** An operator and a user of each partner, with fresh passwords. */
export async function addPeople(tools: Tools): Promise<DemoPeople> {
  const password = () => randomBytes(9).toString('base64url')
  const people = [
    {
      who: 'operator',
      email: 'operator@hub.example',
      name: 'Odile Operator',
      role: 'operator',
      partner: null,
    },
    {
      who: 'Maison Verdier',
      email: 'elodie@maison-verdier.example',
      name: 'Élodie Marchand',
      role: 'partner_user',
      partner: 'maison-verdier',
    },
    {
      who: 'Brouwer & Zonen',
      email: 'jan@brouwer.example',
      name: 'Jan Brouwer',
      role: 'partner_user',
      partner: 'brouwer',
    },
  ] as const
  const made: DemoPeople = []
  for (const person of people) {
    const secret = password()
    await addPerson(tools, {
      ...person,
      password: secret,
      language: person.partner === 'maison-verdier' ? 'fr' : 'en',
    })
    made.push({ who: person.who, email: person.email, password: secret })
  }
  return made
}
