import { readSettings, rememberSettings, type Settings } from 'demo-shared/chat/settings'
import { useState } from 'react'

export function useSettings() {
  const [settings, setSettings] = useState<Settings>(readSettings)

  function change(next: Settings) {
    rememberSettings(next)
    setSettings(next)
  }
  return { settings, change }
}
