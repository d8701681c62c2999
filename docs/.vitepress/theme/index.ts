import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import LiveAnswer from './LiveAnswer.vue'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('LiveAnswer', LiveAnswer)
  },
} satisfies Theme
