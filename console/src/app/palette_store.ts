// openPalette brings the palette's library when it is first wanted.
export function openPalette() {
  void import('@mantine/spotlight').then(({ spotlight }) => spotlight.open());
}
