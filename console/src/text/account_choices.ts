// accountChoices is what a list offers to choose an account from: names, with the ids that tell them apart.
export const accountChoices = (accounts: readonly { id: string; name: string }[]) =>
  accounts.map(({ id, name }) => ({ value: id, label: name ? `${name} (${id})` : id }));
