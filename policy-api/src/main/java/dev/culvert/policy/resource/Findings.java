// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.ArrayList;
import java.util.List;

/** Collects what is said about one document of a file. */
final class Findings {
  private final String file;
  private final int document;
  private final List<ResourceError> errors = new ArrayList<>();
  private final List<ResourceNotice> notices = new ArrayList<>();
  private final List<ResourceNotice> lost = new ArrayList<>();

  Findings(String file, int document) {
    this.file = file;
    this.document = document;
  }

  void error(int line, String field, String problem, String remedy) {
    errors.add(new ResourceError(file, document, field, line, problem, remedy));
  }

  void notice(int line, String text) {
    notices.add(new ResourceNotice(file, document, line, text));
  }

  /** Of what may be a policy not even the name can be read, so nothing can stand in for it. */
  void lost(int line, String what) {
    lost.add(ResourceNotice.lost(file, document, line, what));
  }

  List<ResourceNotice> lost() {
    return lost;
  }

  List<ResourceError> errors() {
    return errors;
  }

  List<ResourceNotice> notices() {
    return notices;
  }
}
