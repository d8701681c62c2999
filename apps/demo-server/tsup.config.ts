import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({ ...shared, entry: ['src/app.ts', 'src/main.ts', 'src/service-process.ts'] })
