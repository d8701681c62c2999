import { join } from 'node:path'
import { build } from 'vite'

/** `pages/<name>.ts` and all that it imports, as built, as one module. */
export async function bundle(name: string): Promise<string> {
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: join(import.meta.dirname, 'pages', `${name}.ts`), formats: ['es'], fileName: name },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (!output || !('output' in output)) throw new Error(`There is no bundle of ${name}.`)
  return output.output[0].code
}
