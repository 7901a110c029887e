// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogLevelsTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.culvert.log-levels-test");
  private final LogLevels page = new LogLevels();

  @AfterEach
  void reset() {
    logger.setLevel(null);
  }

  @Test
  void oneLoggerSet() {
    Answer answer = post("level=dev.culvert.log-levels-test:trace");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("dev.culvert.log-levels-test: trace");
    assertThat(logger.getLevel()).isEqualTo(Level.TRACE);
  }

  @Test
  void currentLevelsShown() {
    assertThat(page.answer(new Question("POST", Optional.empty())).body()).contains("ROOT: ");
  }

  @Test
  void wrongLevelChangesNothing() {
    Answer answer = post("level=dev.culvert.log-levels-test:debug,other:loud");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("'loud' is no level").contains("POST ?level=");
    assertThat(logger.getLevel()).isNull();
  }

  @Test
  void unknownParameterRefused() {
    assertThat(post("lvl=debug").status()).isEqualTo(400);
    assertThat(post("level=%").status()).isEqualTo(400);
  }

  @Test
  void onlyPostChanges() {
    Question get = new Question("GET", Optional.of("level=dev.culvert.log-levels-test:trace"));

    assertThat(page.answer(get).status()).isEqualTo(405);
    assertThat(logger.getLevel()).isNull();
  }

  @Test
  void levelsShown() {
    assertThat(page.answer(new Question("GET", Optional.empty())).body()).contains("ROOT: ");
  }

  @Test
  void istiosModuleIsOurPackage() {
    assertThat(post("level=ztunnel::log_test=warning").status()).isEqualTo(200);

    Logger own = (Logger) LoggerFactory.getLogger("dev.culvert.ztunnel.log_test");
    assertThat(own.getLevel()).isEqualTo(Level.WARN);
    own.setLevel(null);
  }

  @Test
  void levelWithoutLoggerIsForOurOwn() {
    Logger culvert = (Logger) LoggerFactory.getLogger("dev.culvert");
    Logger access = (Logger) LoggerFactory.getLogger("access");
    Level before = culvert.getLevel();
    Level accessBefore = access.getLevel();
    try {
      post("level=access:off,error");
      assertThat(culvert.getLevel()).isEqualTo(Level.ERROR);
      post("level=access:off");
      assertThat(access.getLevel()).isEqualTo(Level.OFF);

      post("level=info&reset");
      assertThat(culvert.getLevel()).isEqualTo(before);
      assertThat(access.getLevel()).isEqualTo(accessBefore);
    } finally {
      culvert.setLevel(before);
      access.setLevel(accessBefore);
    }
  }

  private Answer post(String query) {
    return page.answer(new Question("POST", Optional.of(query)));
  }
}
