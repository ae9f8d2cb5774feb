import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { giveFocusBack, opener } from './opener';

// Dialog stands over the page for as long as it is rendered, and gives the focus back to what opened it.
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const { t } = useTranslation();
  const [before] = useState(opener); // as it is before this dialog takes the focus
  useEffect(
    () => () => {
      setTimeout(() => giveFocusBack(before)); // once the dialog, and the trap in it, are gone
    },
    [before],
  );
  return (
    <Modal
      opened
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t('act.close') }}
      attributes={{ header: { role: 'none' } }} // the page's own is its only banner
      {...props}
    />
  );
}
