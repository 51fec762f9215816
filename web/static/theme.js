// Puts the chosen theme on <html> before the app starts. Dark unless a person chose otherwise.
(() => {
  let choice = 'dark';
  try {
    choice = localStorage.getItem('revenge.theme') ?? 'dark';
  } catch {
    // Storage is blocked: the default stands.
  }
  const light =
    choice === 'light' ||
    (choice === 'system' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.classList.toggle('dark', !light);
})();
