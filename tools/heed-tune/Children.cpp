#include "tools/heed-tune/Children.h"

#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heed::tune {
namespace {

void writeAll(int file, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t written = ::write(file, text.data() + done, text.size() - done);
    if (written <= 0)
      _exit(3);
    done += size_t(written);
  }
}

/// Never returns. What compilers and kernels print is not for the user.
[[noreturn]] void runChild(const std::function<std::string()> &work, int out, int parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    _exit(3); // it died before
  int nothing = ::open("/dev/null", O_RDWR);
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(nothing, standard);
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    ::signal(signal, SIG_DFL);
  writeAll(out, work());
  _exit(0);
}

double seconds(Child::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

} // namespace

Child::Child(std::function<std::string()> work, double limitSeconds)
    : limit(limitSeconds), since(Clock::now()) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ended = true;
    end.text = std::string("no pipe: ") + std::strerror(errno);
    return;
  }
  int parent = ::getpid();
  llvm::outs().flush();
  pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    runChild(work, ends[1], parent);
  }
  ::close(ends[1]);
  pipe = ends[0];
  ::fcntl(pipe, F_SETFL, O_NONBLOCK);
  if (pid < 0) {
    ended = true;
    end.text = std::string("no process: ") + std::strerror(errno);
    return;
  }
  ::setpgid(pid, pid); // whoever is first
}

Child::~Child() {
  if (!ended)
    kill();
  if (pipe >= 0)
    ::close(pipe);
}

void Child::kill() {
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL); // if it leads no group yet
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  ended = true;
}

bool Child::isLate() const { return !paused && used + seconds(Clock::now() - since) > limit; }

bool Child::poll() {
  if (ended)
    return true;
  char buffer[1 << 16];
  for (;;) {
    ssize_t got = ::read(pipe, buffer, sizeof buffer);
    if (got > 0) {
      end.text.append(buffer, size_t(got));
      continue;
    }
    if (got == 0) {
      finish();
      return true;
    }
    break;
  }
  if (!isLate())
    return false;
  kill();
  end = {Ending::Hung, "no answer within " + std::to_string(int(limit + 0.5)) + " s"};
  return true;
}

/// The pipe's other end is closed.
void Child::finish() {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ended = true;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    end.how = Ending::Done;
    return;
  }
  end.how = Ending::Crashed;
  if (WIFSIGNALED(status))
    end.text = "killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
               ::strsignal(WTERMSIG(status)) + ")";
  else
    end.text = "exit status " + std::to_string(WEXITSTATUS(status));
}

bool Child::wait(double most) {
  Clock::time_point begin = Clock::now();
  while (!poll()) {
    double left = most - seconds(Clock::now() - begin);
    if (left <= 0)
      return false;
    pollfd watched{pipe, POLLIN, 0};
    ::poll(&watched, 1, int(std::min(left, 0.05) * 1e3) + 1);
  }
  return true;
}

void Child::pause() {
  if (ended || paused)
    return;
  ::kill(-pid, SIGSTOP);
  used += seconds(Clock::now() - since);
  paused = true;
}

void Child::resume() {
  if (ended || !paused)
    return;
  since = Clock::now();
  paused = false;
  ::kill(-pid, SIGCONT);
}

} // namespace heed::tune
