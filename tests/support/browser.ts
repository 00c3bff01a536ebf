import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
]

/** The system's Chromium (or that of CHROMIUM_PATH); null where there is none. */
export function chromiumPath(): string | null {
  return process.env['CHROMIUM_PATH'] ?? places.find((path) => existsSync(path)) ?? null
}

/** Starts it without a window and without calling home. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
