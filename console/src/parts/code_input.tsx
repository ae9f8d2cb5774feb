import { Input, PinInput } from '@mantine/core';

// CodeInput takes the six digits of an authenticator app, typed, pasted or filled in by the browser.
export function CodeInput({
  label,
  value,
  onChange,
  onComplete,
  autoFocus = false,
}: {
  label: string;
  value: string;
  onChange: (code: string) => void;
  onComplete?: (code: string) => void;
  autoFocus?: boolean;
}) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <PinInput
        length={6}
        type={/^[0-9]*$/}
        inputType="tel"
        inputMode="numeric"
        oneTimeCode
        mt={4}
        placeholder=""
        value={value}
        onChange={onChange}
        onComplete={onComplete}
        autoFocus={autoFocus}
        aria-label={label}
        getInputProps={(index) => ({ 'aria-label': `${label}, ${index + 1} / 6` })}
      />
    </Input.Wrapper>
  );
}
