import { join } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '..')

/** The workspace's compiler options: sources through the development condition, as every package has them. */
export function readCompilerOptions(): ts.CompilerOptions {
  const file = join(root, 'tsconfig.base.json')
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile)
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  if (errors.length > 0) throw new Error(errors.map(({ messageText }) => String(messageText)).join('\n'))
  return { ...options, jsx: ts.JsxEmit.ReactJSX, types: [] }
}
