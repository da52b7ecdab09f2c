"""The code that runs in AWS Lambda, and the rules that it shares with the constructs.

Standard library only; boto3 is imported by ``client`` alone.
"""
