import { messageOf } from '../../../lib/error.ts';
import { Host } from './host.ts';
import { findPython, install, installed, remember, type InstallOptions } from './install.ts';

/**
 * Installs the engine if it is missing, and starts it. If the Python that it was installed with no longer starts, another
 * one is used: the engine runs with every Python from 3.10 on, and is not downloaded again. Throws Unreachable.
 */
export async function startEngine(options: InstallOptions): Promise<Host> {
  const installation = await install(options);
  try {
    return await Host.start(installation);
  } catch (error) {
    const python = await findPython(options.python);
    if (options.python !== undefined || python === installation.python) throw error;
    const host = await Host.start({ ...installation, python });
    options.log(`${messageOf(error)} ${python} is used instead.`);
    await remember({ ...installation, python });
    return host;
  }
}

/** Starts the engine if that needs no installation. */
export const startIfInstalled = async (options: InstallOptions): Promise<Host | undefined> =>
  (await installed(options)) && startEngine(options);
