// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.linux.KernelRelease;
import dev.culvert.linux.bpf.FeatureResult;
import dev.culvert.linux.bpf.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The abilities of the running kernel, each asked of the kernel itself. */
final class KernelCheck implements Check {
  @Override
  public String name() {
    return "the kernel's abilities";
  }

  @Override
  public List<Finding> findings() throws IOException {
    return of(KernelRelease.running(), Features.probe());
  }

  static List<Finding> of(KernelRelease kernel, List<FeatureResult> results) {
    List<Finding> findings = new ArrayList<>();
    results.stream()
        .filter(result -> !result.available())
        .forEach(result -> findings.add(missing(result)));
    long there = results.stream().filter(FeatureResult::available).count();
    findings.addFirst(
        Finding.ok(
            "kernel %s: %d of %d abilities that the mesh asks for"
                .formatted(kernel, there, results.size())));
    return findings;
  }

  private static Finding missing(FeatureResult result) {
    String what = "the kernel has not: " + result.feature().description();
    String remedy =
        "use a kernel of %s or newer that is built with it".formatted(result.feature().since());
    return result.feature().isRequired()
        ? Finding.failure(what, remedy)
        : Finding.warning(what, remedy + ", or leave same-node=kernel off");
  }
}
