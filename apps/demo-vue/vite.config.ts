import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/vue/',
  plugins: [vue()],
  // `vite` alone serves the page while it is worked on; a demo server beside it answers.
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/lab': 'http://127.0.0.1:3000' } },
})
