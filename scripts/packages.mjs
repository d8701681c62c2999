// The packages that are published, in alphabetical order, with their folders.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** @type {readonly { name: string, folder: string, manifest: { exports: Record<string, any>, [field: string]: unknown } }[]} */
export const packages = readdirSync(join(root, 'packages'))
  .sort()
  .map((directory) => {
    const folder = join(root, 'packages', directory)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { name: manifest.name, folder, manifest }
  })
