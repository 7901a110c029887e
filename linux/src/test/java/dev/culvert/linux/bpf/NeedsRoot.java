// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIf;

/** Tests that ask the real kernel to load programs; elsewhere they are skipped and say so. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "dev.culvert.linux.bpf.NeedsRoot$Check#isRoot",
    disabledReason = "loads BPF programs: run the tests as root")
public @interface NeedsRoot {
  /** Asked by JUnit. */
  final class Check {
    private Check() {}

    static boolean isRoot() throws IOException {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }
  }
}
