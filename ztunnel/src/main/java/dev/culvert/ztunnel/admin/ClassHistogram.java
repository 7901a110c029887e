// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** How many objects of each class the heap holds, as {@code jcmd GC.class_histogram} shows it. */
final class ClassHistogram implements HttpPort.Page {
  /** With what is garbage already: to leave it out would collect it all while connections wait. */
  private static final String[] ARGUMENTS = {"-all"};

  @Override
  public Answer answer(Question question) {
    if (!question.isGet()) {
      return Answer.text(405, "GET shows\n");
    }
    try {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {ARGUMENTS},
                  new String[] {String[].class.getName()});
      return Answer.text(200, histogram.toString());
    } catch (JMException e) {
      return Answer.text(501, "this JVM does not tell: " + e.getMessage() + "\n");
    }
  }
}
