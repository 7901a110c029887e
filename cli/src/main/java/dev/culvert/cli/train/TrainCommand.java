// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.answer.ExitCode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Runs the daemons for a while so that the JVM can record what they start with (JEP 514). The
 * launcher calls it after a build, as root: later starts are quicker. Without the archives all
 * works, only slower.
 */
@Command(name = "train", hidden = true, description = "Record what the daemons start with.")
public final class TrainCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "Where DAEMON.aot is written.")
  private Path folder;

  @Override
  public Integer call() throws Exception {
    new Training(folder).run();
    return ExitCode.OK;
  }
}
