import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/react/',
  plugins: [react()],
  // `vite` alone serves the page while it is worked on; a demo server beside it answers.
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/lab': 'http://127.0.0.1:3000' } },
})
