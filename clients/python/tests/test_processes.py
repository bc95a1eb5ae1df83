"""Programs that are killed and interrupted, and a service that restarts."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

import gradsmith
from support import URL, LossyProxy, ServiceTest, restart_service, start_program


class ProcessTest(ServiceTest):
    def test_eight_processes_two_of_them_killed_settle_each_of_200_trials_once(self):
        study = self.create_study(200, max_parallelism=8)
        programs = [
            start_program("measure.py", URL, study.id, "0.02", *(["3"] if index < 2 else [])) for index in range(8)
        ]
        with ThreadPoolExecutor(8) as pool:
            dying = list(pool.map(lambda program: [program.stdout.readline() for _ in range(3)][-1], programs[:2]))
            for program in programs[:2]:
                program.send_signal(signal.SIGKILL)
            for output in pool.map(lambda program: program.communicate(timeout=50)[0], programs):
                self.assertIsNotNone(output)
        self.assertEqual([program.returncode for program in programs], [-9, -9, 0, 0, 0, 0, 0, 0])
        status = study.status()
        self.assertEqual((status["state"], status["settled"]), ("completed", 200))
        self.assertEqual({name: n for name, n in status["counts"].items() if n}, {"complete": 200})
        self.assertEqual([trial.number for trial in study.trials], list(range(200)))
        self.assertTrue(all(trial.value == trial.params["x"] for trial in study.trials))
        attempts = self.read_attempts(study)
        self.assertEqual(sum(one.count("reported") for one in attempts), 200)
        for number in dying:
            self.assertEqual(attempts[int(number)], ["expired", "reported"])

    def test_a_curve_is_visible_while_its_program_runs_and_after_kill_9(self):
        study = self.create_study(1)
        program = start_program("report.py", URL, study.id)
        curves = []
        for _ in range(3):
            step = int(program.stdout.readline())
            curves.append(study.get_trial(0).intermediate_values)
            self.assertEqual(curves[-1], {each: each / 10 for each in range(step + 1)})
            program.stdin.write("\n")
            program.stdin.flush()
        self.assertEqual(study.get_trial(0).state, "running")
        program.stdout.readline()
        program.kill()
        program.communicate(timeout=10)
        self.wait_for(lambda: study.get_trial(0).state == "pending")
        self.assertEqual(study.get_trial(0).intermediate_values, {step: step / 10 for step in range(4)})
        # The next attempt has another curve; that of the killed one stays with it.
        study.optimize(lambda trial: trial.report(9.0, 5) or 1.0)
        self.assertEqual(study.get_trial(0).intermediate_values, {5: 9.0})
        attempts = requests.get(f"{URL}/v1/jobs/{study.id}/trials/0", timeout=10).json()["attempts"]
        self.assertEqual([len(attempt["values"]) for attempt in attempts], [4, 1])

    def test_a_restart_of_the_api_loses_and_repeats_no_trial(self):
        study = self.create_study(60, max_parallelism=4)
        threading.Timer(0.4, restart_service, [1.0]).start()
        study.optimize(lambda trial: time.sleep(0.05) or trial["x"], n_jobs=4)
        self.assertEqual(study.status()["counts"]["complete"], 60)
        self.assertEqual(self.read_attempts(study), [["reported"]] * 60)

    def test_lost_answers_count_once(self):
        with LossyProxy(lose=2) as proxy:
            study = gradsmith.Client(proxy.url).study(
                f"{self.id().rsplit('.', 1)[-1].replace('_', '-')}", {"x": gradsmith.Float(0, 1)}, n_trials=3
            )

            def objective(trial):
                trial.report(trial["x"], 1)
                return trial["x"]

            study.optimize(objective)
            self.assertTrue({"jobs", "ask-many", "tell", "heartbeat"} <= set(proxy.lost))
            self.assertEqual(proxy.lost["tell"], 2)
        self.assertEqual(self.read_attempts(study), [["reported"]] * 3)

    def test_a_trial_survives_unexpected_answers_to_its_heartbeats(self):
        login = (200, {"Content-Type": "text/html"}, b"<h1>Log in</h1>")
        redirect = (302, {"Location": "https://login.example/"}, b"")
        empty = (200, {}, b"")
        study = self.create_study(1)
        with LossyProxy(lose=0) as proxy:
            proxy.strange["heartbeat"] = [login, redirect, empty]

            def objective(trial):
                trial.report(0.5, 1)  # the login page answers
                time.sleep(4)
                return trial["x"]

            remote = gradsmith.Client(proxy.url).study(study.id)
            with self.assertLogs("gradsmith", "WARNING"):
                remote.optimize(objective, lease="2s")
            self.assertEqual(proxy.strange["heartbeat"], [])
        self.assertEqual(self.read_attempts(study), [["reported"]])
        self.assertEqual(study.get_trial(0).intermediate_values, {1: 0.5})

    def test_ctrl_c_releases_the_trial(self):
        self.check_interruption(threads=1)

    def test_ctrl_c_releases_the_trials_of_all_threads(self):
        self.check_interruption(threads=2)

    def check_interruption(self, threads):
        study = self.create_study(2, max_parallelism=2)
        program = start_program("sleep.py", URL, study.id, str(threads))
        for _ in range(threads):
            program.stdout.readline()
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=10)
        self.assertEqual(program.returncode, -signal.SIGINT)
        attempts = [outcomes for outcomes in self.read_attempts(study) if outcomes]
        self.assertEqual(attempts, [["released"]] * threads)
        self.wait_for(lambda: study.status()["counts"]["pending"] == 2)
        study.optimize(lambda trial: trial["x"])
        self.assertEqual(study.state, "completed")

    def test_a_trial_of_three_leases_survives(self):
        study = self.create_study(1)
        other = threading.Thread(target=lambda: study.optimize(lambda _: -1.0, timeout=5), daemon=True)

        def objective(_):
            other.start()
            time.sleep(3.2)
            return 1.0

        study.optimize(objective, lease="1s")
        self.assertEqual([trial.value for trial in study.trials], [1.0])
        self.assertEqual(self.read_attempts(study), [["reported"]])
