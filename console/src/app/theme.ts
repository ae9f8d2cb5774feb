import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple, parseThemeColor } from '@mantine/core';

const ink: MantineColorsTuple = [
  '#eef2ff', '#dfe6fd', '#bfcbf7', '#9cb0f2', '#7e98ed', '#6a87ea', '#5a77e3', '#4763cf', '#3b55b8', '#2e46a0',
]; // prettier-ignore

const mono = 'ui-monospace, "SFMono-Regular", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const sans =
  '"Inter Variable", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

// The library's own shades fail 4.5:1 on primary buttons and light badges; these do not, in both themes.
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: 8,
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { ink },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontFamily: sans,
    fontWeight: '620',
    sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '0.9375rem', lineHeight: '1.4' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant === 'filled' && input.color === 'orange') {
      return { ...colors, background: '#c2410c', hover: '#a8380a' };
    }
    if (input.variant !== 'light' && input.variant !== 'subtle' && input.variant !== 'outline') {
      return colors;
    }
    const parsed = parseThemeColor({ color: input.color ?? input.theme.primaryColor, theme: input.theme });
    if (!parsed.isThemeColor) {
      return colors;
    }
    const name = `--mantine-color-${parsed.color}`;
    if (input.variant === 'light' && parsed.color === 'gray') {
      // The library's own is near to black in the dark theme.
      return { ...colors, background: 'light-dark(#eef0f4, #2b2e35)', color: 'light-dark(#3b4250, #cfd4de)' };
    }
    return { ...colors, color: `light-dark(color-mix(in srgb, var(${name}-9) 70%, black), var(${name}-1))` };
  },
  // By name: a component that the first screen does without is not brought by its defaults.
  components: {
    Badge: { defaultProps: { tt: 'none', radius: 'sm', variant: 'light' } },
    Card: { defaultProps: { withBorder: true, radius: 'md', padding: 'lg' } },
    Modal: { defaultProps: { radius: 'md', overlayProps: { backgroundOpacity: 0.45, blur: 2 } } },
    // Menus and lists to choose from belong to the screen, also where a table would cut them off.
    Popover: { defaultProps: { portalProps: { target: 'main' } } },
    Table: { defaultProps: { verticalSpacing: 10, horizontalSpacing: 'sm' } },
    Tooltip: { defaultProps: { events: { hover: true, focus: true, touch: true }, openDelay: 250 } },
  },
});
